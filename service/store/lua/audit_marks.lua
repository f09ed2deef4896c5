#!lua flags=no-writes
-- Read what the server has of a lifter beside the entries and the index of the log, as of one moment.
--
-- KEYS   log, ids, head, state, ladder, told, dirty, due, parked, lifters, erased
-- ARGV   the lifter's name in sets and its pseudonym
-- Reply  {fields and values of state, of ladder, of told, the version that head tells ('' for none), the length of the
--         log, since when it is dirty ('' for not), when it is due (''), 1 if parked, 1 if listed, 1 if erased,
--         the places in KEYS of what is there, of what expires}
local log, _, head, state, ladder, told, dirty, due, parked, lifters, erased = unpack(KEYS)
local lifter, pseudonym = unpack(ARGV)
local there, expiring = {}, {}
for place = 1, 6 do
  local left = redis.call('PTTL', KEYS[place])
  if left ~= -2 then
    there[#there + 1] = place
  end
  if left >= 0 then
    expiring[#expiring + 1] = place
  end
end
return {redis.call('HGETALL', state), redis.call('HGETALL', ladder), redis.call('HGETALL', told),
        redis.call('HGET', head, 'version') or '', redis.call('XLEN', log),
        redis.call('ZSCORE', dirty, lifter) or '', redis.call('ZSCORE', due, lifter) or '',
        redis.call('SISMEMBER', parked, lifter), redis.call('SISMEMBER', lifters, lifter),
        redis.call('HEXISTS', erased, pseudonym), there, expiring}
