#!lua
-- Take changes out of outboxes into the feed of their gym, each once whoever brings it and however often.
--
-- KEYS   feed, its texts, its ends, the lifters erased from it
-- ARGV   how many changes the feed keeps; then for each its outbox, its id there, its lifter's pseudonym, it
-- Reply  the number of the newest change
local feed, texts, ends, unfed = unpack(KEYS)
local kept = tonumber(ARGV[1])

local function is_after(id, other)
  if not other then
    return true
  end
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  local other_ms, other_seq = string.match(other, '^(%d+)-(%d+)$')
  ms, seq, other_ms, other_seq = tonumber(ms), tonumber(seq), tonumber(other_ms), tonumber(other_seq)
  return ms > other_ms or (ms == other_ms and seq > other_seq)
end

local newest = tonumber(redis.call('HGET', ends, 'newest') or '0')
local taken = {}
for i = 2, #ARGV, 4 do
  local outbox, id, pseudonym, change = unpack(ARGV, i, i + 3)
  taken[outbox] = taken[outbox] or redis.call('HGET', ends, outbox)
  if is_after(id, taken[outbox]) then
    taken[outbox] = id
    if redis.call('SISMEMBER', unfed, pseudonym) == 0 then
      newest = newest + 1
      redis.call('HSET', texts, string.format('%d', newest), change)
      redis.call('XADD', feed, string.format('%d-0', newest), '', '')
    end
  end
end
for outbox, id in pairs(taken) do
  redis.call('HSET', ends, outbox, id)
end
redis.call('HSET', ends, 'newest', string.format('%d', newest))
local trimmed = tonumber(redis.call('HGET', ends, 'trimmed') or '0')
if newest - kept > trimmed then
  for number = trimmed + 1, newest - kept do
    redis.call('HDEL', texts, string.format('%d', number))
  end
  redis.call('XTRIM', feed, 'MINID', string.format('%d-0', newest - kept + 1))
  redis.call('HSET', ends, 'trimmed', string.format('%d', newest - kept))
end
return newest
