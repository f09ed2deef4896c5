#!lua
-- Write fields of a hash, if one of it is still as it was read. Run again after a lost reply, it finds that it is not.
--
-- KEYS   the hash; then a sorted set, where something is to be added to one in the same step
-- ARGV   the field and its value as it was read ('' where there was none); what is to be added to the sorted set, where
--        there is one; then a field and a value for each that is to be written
-- Reply  {'done'}, or {'changed'} with nothing written
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then
  return {'changed'}
end
local fields = 3
if KEYS[2] then
  redis.call('ZADD', KEYS[2], 0, ARGV[3])
  fields = 4
end
redis.call('HSET', KEYS[1], unpack(ARGV, fields))
return {'done'}
