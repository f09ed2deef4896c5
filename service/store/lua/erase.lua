#!lua
-- Erase a lifter: every key and every mark, at once, leaving a tombstone.
--
-- KEYS   erased, lifters, dirty, parked, then the lifter's own keys, the log coming first
-- ARGV   the lifter's name in sets and its pseudonym, how many entries of the log the tombstone speaks of, the tombstone
-- Reply  {'moved'} if the log has grown since and nothing was written, else {'done', the tombstone}
local erased, lifters, dirty, parked, log = unpack(KEYS, 1, 5)
local lifter, pseudonym, length, tombstone = unpack(ARGV)

local known = redis.call('HGET', erased, pseudonym)
if not known and redis.call('XLEN', log) ~= tonumber(length) then
  return {'moved'}
end
-- Written also when it is known: WAIT counts the replicas that have this connection's last write.
redis.call('HSET', erased, pseudonym, known or tombstone)
redis.call('UNLINK', unpack(KEYS, 5))
redis.call('SREM', lifters, lifter)
redis.call('ZREM', dirty, lifter)
redis.call('SREM', parked, lifter)
return {'done', known or tombstone}
