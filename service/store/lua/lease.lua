#!lua
-- Take a lease, keep the one that one has, or give it back: each the same however often it is asked by the same taker.
--
-- KEYS   the lease
-- ARGV   the taker; for how long (ms), 0 to give it back
-- Reply  {'held'} by another taker and nothing was written, else {'done'}
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then
  return {'held'}
end
if ARGV[2] == '0' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return {'done'}
