#!lua flags=no-writes
-- The lifters of a partition whose projection is behind, those marked first coming first.
--
-- KEYS   dirty
-- ARGV   how many to name
-- Reply  {how many there are, milliseconds since the oldest mark, lifter, lifter, ...}
local dirty, limit = KEYS[1], tonumber(ARGV[1])
local oldest = redis.call('ZRANGE', dirty, 0, 0, 'WITHSCORES')
if #oldest == 0 then
  return {0, 0}
end
local now = redis.call('TIME')
local age = now[1] * 1000 + math.floor(now[2] / 1000) - tonumber(oldest[2])
return {redis.call('ZCARD', dirty), math.max(age, 0), unpack(redis.call('ZRANGE', dirty, 0, limit - 1))}
