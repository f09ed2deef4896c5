#!lua
-- Make a log that was staged a lifter's, if the lifter has none.
--
-- KEYS   staged log, staged ids, log, ids, head, dirty, lifters, erased, told
-- ARGV   the lifter's name in sets and its pseudonym, the version of the staged log, the newest instant in it and the
--        default rule set that it pins ('' for none); what counts as told; where its entries were written
-- Reply  {'erased'}, {'taken', version} or {'lost'} (the staging expired) with nothing written, else {'done'}
local staged_log, staged_ids, log, ids, head, dirty, lifters, erased, told = unpack(KEYS)
local lifter, pseudonym, version, newest, default, told_now, origins = unpack(ARGV)

if redis.call('HEXISTS', erased, pseudonym) == 1 then
  return {'erased'}
end
local there = redis.call('XLEN', log)
if there > 0 then
  return {'taken', there}
end
if redis.call('XLEN', staged_log) ~= tonumber(version) or redis.call('HLEN', staged_ids) ~= tonumber(version) then
  return {'lost'}
end
redis.call('PERSIST', staged_log)
redis.call('PERSIST', staged_ids)
redis.call('RENAME', staged_log, log)
redis.call('RENAME', staged_ids, ids)
redis.call('HSET', head, 'version', version)
redis.call('HSET', told, 'told', told_now)
redis.call('HSET', head, 'origins', origins)
if newest ~= '' then
  redis.call('HSET', head, 'newest', newest)
end
if default ~= '' then
  redis.call('HSET', head, 'default', default)
end
redis.call('SADD', lifters, lifter)
local now = redis.call('TIME')
redis.call('ZADD', dirty, 'NX', string.format('%d', now[1] * 1000 + math.floor(now[2] / 1000)), lifter)
return {'done'}
