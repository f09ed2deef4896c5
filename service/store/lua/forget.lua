#!lua
-- Forget a lifter's projection and its ladder, and mark the lifter dirty so that it is made again.
--
-- KEYS   state, log, dirty, parked, ladder
-- ARGV   the lifter's name in sets
local state, log, dirty, parked, ladder = unpack(KEYS)
local lifter = ARGV[1]
local logged = redis.call('XLEN', log)
redis.call('DEL', state, ladder)
redis.call('SREM', parked, lifter)
if logged > 0 then
  local now = redis.call('TIME')
  redis.call('ZADD', dirty, 'NX', string.format('%d', now[1] * 1000 + math.floor(now[2] / 1000)), lifter)
end
return 1
