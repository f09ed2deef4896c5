#!lua
-- Write API keys, if the first of them is still as it was read. Run again after a lost reply, it finds that it is not.
--
-- KEYS   keys
-- ARGV   the id of the key and its entry as it was read; then an id and an entry for each key to be written
-- Reply  {'done'}, or {'changed'} with nothing written
local keys = KEYS[1]
if redis.call('HGET', keys, ARGV[1]) ~= ARGV[2] then
  return {'changed'}
end
redis.call('HSET', keys, unpack(ARGV, 3))
return {'done'}
