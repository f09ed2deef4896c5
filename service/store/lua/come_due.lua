#!lua
-- Mark lifters of sandboxes as behind for whom time alone may have changed something by now, each by its gym's clock.
--
-- KEYS   due, dirty
-- ARGV   gym, the microsecond that it is there, gym, microsecond, ...
-- Reply  how many are due
local due, dirty = KEYS[1], KEYS[2]
local clocks = {}
for i = 1, #ARGV, 2 do
  clocks[ARGV[i]] = tonumber(ARGV[i + 1])
end
local now = redis.call('TIME')
local since = string.format('%d', now[1] * 1000 + math.floor(now[2] / 1000))
local looked_at, count = redis.call('ZRANGE', due, 0, -1, 'WITHSCORES'), 0
for i = 1, #looked_at, 2 do
  local clock = clocks[string.match(looked_at[i], '^([^:]+):')]
  if clock and tonumber(looked_at[i + 1]) <= clock then
    redis.call('ZADD', dirty, 'NX', since, looked_at[i])
    count = count + 1
  end
end
return count
