#!lua
-- Write a field of a hash, if it is still as it was read. Run again after a lost reply, it finds that it is not.
--
-- KEYS   the hash
-- ARGV   the field, its value as it was read ('' where there was none), its new value
-- Reply  {'done'}, or {'changed'} with nothing written
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then
  return {'changed'}
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return {'done'}
