#!lua
-- Of an erased lifter, no key holds anything any more: at once, so that no file written between can name the lifter.
--
-- KEYS   unfeeding, unwritten
-- ARGV   the lifter's name in sets and its pseudonym
-- Reply  1
redis.call('SREM', KEYS[1], ARGV[1])
redis.call('SADD', KEYS[2], ARGV[2])
return 1
