#!lua
-- Write fields of a hash, if one of it is still as it was read. Run again after a lost reply, it finds that it is not.
--
-- KEYS   the hash
-- ARGV   the field and its value as it was read ('' where there was none); then a field and a value for each that is to
--        be written
-- Reply  {'done'}, or {'changed'} with nothing written
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then
  return {'changed'}
end
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
return {'done'}
