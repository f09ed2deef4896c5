#!lua
-- Erase a lifter: every key and every mark, at once, leaving a tombstone.
--
-- KEYS   erased, lifters, dirty, parked, due, outbox, unfeeding, then the lifter's own keys, the log coming first
-- ARGV   the lifter's name in sets and its pseudonym, how many entries of the log the tombstone speaks of, the tombstone
-- Reply  {'moved'} if the log has grown since and nothing was written, else {'done', the tombstone}
local erased, lifters, dirty, parked, due, outbox, unfeeding, log = unpack(KEYS, 1, 8)
local lifter, pseudonym, length, tombstone = unpack(ARGV)

local known = redis.call('HGET', erased, pseudonym)
if not known and redis.call('XLEN', log) ~= tonumber(length) then
  return {'moved'}
end
-- Written also when it is known: WAIT counts the replicas that have this connection's last write.
redis.call('HSET', erased, pseudonym, known or tombstone)
redis.call('UNLINK', unpack(KEYS, 8))
redis.call('SREM', lifters, lifter)
redis.call('ZREM', dirty, lifter)
redis.call('SREM', parked, lifter)
redis.call('ZREM', due, lifter)
-- What has left the outbox stands in the feed of the gym, or will in a moment: that is another key's script.
redis.call('SADD', unfeeding, lifter)
-- Of a stream's deleted entry all stays until its neighbours are gone as well, so the outbox, a short one, is made anew.
if redis.call('EXISTS', outbox) == 1 then
  local info, last = redis.call('XINFO', 'STREAM', outbox), nil
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then
      last = info[i + 1]
    end
  end
  local entries = redis.call('XRANGE', outbox, '-', '+')
  redis.call('DEL', outbox)
  for _, entry in ipairs(entries) do
    local fields = entry[2]
    if fields[2] .. ':' .. fields[4] ~= lifter then
      redis.call('XADD', outbox, entry[1], unpack(fields))
    end
  end
  -- Ids go on rising, for the feed knows by them what it has.
  if redis.call('XLEN', outbox) == 0 then
    redis.call('XADD', outbox, last, '', '')
    redis.call('XDEL', outbox, last)
  else
    redis.call('XSETID', outbox, last)
  end
end
return {'done', known or tombstone}
