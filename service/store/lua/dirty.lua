#!lua flags=no-writes
-- The lifters of a partition whose projection is behind, those marked first coming first; after them those for whom
-- time alone may have changed something.
--
-- KEYS   dirty, due
-- ARGV   how many to name of each, the instant that it is (microseconds, which a score holds exactly)
-- Reply  {how many are behind, milliseconds since the oldest mark, how many of those named are behind,
--         lifter, lifter, ...}
local dirty, due = KEYS[1], KEYS[2]
local limit, at = tonumber(ARGV[1]), ARGV[2]
local late = redis.call('ZRANGE', due, '-inf', at, 'BYSCORE', 'LIMIT', 0, limit)
local oldest = redis.call('ZRANGE', dirty, 0, 0, 'WITHSCORES')
if #oldest == 0 then
  return {0, 0, 0, unpack(late)}
end
local now = redis.call('TIME')
local age = now[1] * 1000 + math.floor(now[2] / 1000) - tonumber(oldest[2])
local behind = redis.call('ZRANGE', dirty, 0, limit - 1)
local named, is_behind = {}, {}
for i, lifter in ipairs(behind) do
  named[i], is_behind[lifter] = lifter, true
end
for _, lifter in ipairs(late) do
  if not is_behind[lifter] then
    named[#named + 1] = lifter
  end
end
return {redis.call('ZCARD', dirty), math.max(age, 0), #behind, unpack(named)}
