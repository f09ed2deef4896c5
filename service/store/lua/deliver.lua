#!lua
-- Note how a delivery went, only over the place, the end of the message and the attempts that it started from.
--
-- KEYS   the state of the webhook's deliveries, its dead letters, those to be sent again
-- ARGV   place, end, attempts; the most dead letters that are kept, a message that is dead and what to say of it ('' for
--        none); then field, value, field, value, ... ('' drops a field)
-- Reply  0 if somebody else came first and nothing was written, else 1
local state, dead, again = unpack(KEYS)
local place, until_, attempts, most, message, letter = unpack(ARGV, 1, 6)
local stands = redis.call('HMGET', state, 'place', 'until', 'attempts')
if stands[1] ~= place or (stands[2] or '0') ~= until_ or (stands[3] or '0') ~= attempts then
  return 0
end
if message ~= '' then
  redis.call('HSET', dead, message, letter)
  -- The oldest make room: their names end with the number of their last change.
  local names = redis.call('HKEYS', dead)
  if #names > tonumber(most) then
    local function number(name) return tonumber(string.match(name, '(%d+)$')) end
    table.sort(names, function(one, other) return number(one) < number(other) end)
    for i = 1, #names - tonumber(most) do
      redis.call('HDEL', dead, names[i])
      redis.call('SREM', again, names[i])
    end
  end
end
for i = 7, #ARGV, 2 do
  if ARGV[i + 1] == '' then
    redis.call('HDEL', state, ARGV[i])
  else
    redis.call('HSET', state, ARGV[i], ARGV[i + 1])
  end
end
return 1
