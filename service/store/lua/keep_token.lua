#!lua
-- Keep a token of a lifter who was not erased. Those that have expired go, and beyond the most those that expire first.
-- All of them are gone once the last has expired.
--
-- KEYS   erased, tokens
-- ARGV   the lifter's pseudonym, the present instant, the most tokens there may be, the id of the token, its record
-- Reply  {'erased'} with nothing written, else {'done'}
local erased, tokens = unpack(KEYS)
local pseudonym, now, most, id, record = unpack(ARGV)
if redis.call('HEXISTS', erased, pseudonym) == 1 then
  return {'erased'}
end
redis.call('HSET', tokens, id, record)
local kept, stored, last = {}, redis.call('HGETALL', tokens), 0
for i = 1, #stored, 2 do
  local expires = cjson.decode(stored[i + 1]).expires_at
  if expires <= tonumber(now) then
    redis.call('HDEL', tokens, stored[i])
  else
    kept[#kept + 1] = {expires, stored[i]}
    last = math.max(last, expires)
  end
end
table.sort(kept, function(one, other) return one[1] < other[1] end)
for i = 1, #kept - tonumber(most) do
  redis.call('HDEL', tokens, kept[i][2])
end
redis.call('PEXPIREAT', tokens, string.format('%.0f', math.ceil(last / 1000)))
return {'done'}
