#!lua
-- Note how a delivery went, only over the place, the end of the message and the attempts that it started from, and over
-- the changes that were read for it: a server that has taken over may lack those, and give their numbers to others.
--
-- KEYS   the state of the webhook's deliveries, its dead letters, those to be sent again; the feed, its texts, its ends
-- ARGV   place, end, attempts; the number up to which the feed must reach; the digest of the changes from the place to
--        the end ('' for any); the most dead letters that are kept, a message that is dead and what to say of it ('' for
--        none); then field, value, field, value, ... ('' drops a field)
-- Reply  0 if somebody else came first, or the feed is another, and nothing was written, else 1
local state, dead, again, feed, texts, ends = unpack(KEYS)
local place, until_, attempts, reaches, digest, most, message, letter = unpack(ARGV, 1, 8)
-- One change more than a message holds.
local most_compared = 21

local stands = redis.call('HMGET', state, 'place', 'until', 'attempts')
if stands[1] ~= place or (stands[2] or '0') ~= until_ or (stands[3] or '0') ~= attempts then
  return 0
end
if tonumber(redis.call('HGET', ends, 'newest') or '0') < tonumber(reaches) then
  return 0
end
if digest ~= '' then
  local changes = {}
  for i, entry in ipairs(redis.call('XRANGE', feed, '(' .. place .. '-0', until_ .. '-0', 'COUNT', most_compared)) do
    local id, fields = entry[1], entry[2]
    changes[i] = redis.call('HGET', texts, string.match(id, '^%d+')) or fields[4] or '' -- where 0.1.0 had them
  end
  if redis.sha1hex(table.concat(changes)) ~= digest then
    return 0
  end
end
if message ~= '' then
  redis.call('HSET', dead, message, letter)
  -- The oldest make room: their names tell the number of their last change.
  local names = redis.call('HKEYS', dead)
  if #names > tonumber(most) then
    local function number(name) return tonumber(string.match(name, '^msg_%x+_(%d+)')) end
    table.sort(names, function(one, other) return number(one) < number(other) end)
    for i = 1, #names - tonumber(most) do
      redis.call('HDEL', dead, names[i])
      redis.call('SREM', again, names[i])
    end
  end
end
for i = 9, #ARGV, 2 do
  if ARGV[i + 1] == '' then
    redis.call('HDEL', state, ARGV[i])
  else
    redis.call('HSET', state, ARGV[i], ARGV[i + 1])
  end
end
return 1
