#!lua
-- Forget a token of a lifter, or all of them; again, it changes nothing.
--
-- KEYS   erased, tokens
-- ARGV   the lifter's pseudonym; the id of the token, or nothing for all
-- Reply  {'erased'} of a lifter who is, and has none, else {'done'}
local erased, tokens = unpack(KEYS)
local pseudonym, id = unpack(ARGV)
if redis.call('HEXISTS', erased, pseudonym) == 1 then
  return {'erased'}
end
if id then
  redis.call('HDEL', tokens, id)
else
  redis.call('DEL', tokens)
end
return {'done'}
