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
for _, entry in ipairs(redis.call('XRANGE', outbox, '-', '+')) do
  local fields = entry[2]
  if fields[2] .. ':' .. fields[4] == lifter then
    redis.call('XDEL', outbox, entry[1])
  end
end
return {'done', known or tombstone}
