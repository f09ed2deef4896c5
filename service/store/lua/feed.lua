#!lua
-- Take changes out of outboxes into the feed of their gym, each once whoever brings it and however often.
--
-- What was taken of an outbox is told by the last id, for each run of a server as primary: ids of two runs cannot be
-- compared, as a replica that takes over may lack the last ones and have a clock that is behind.
--
-- KEYS   feed, its texts, its ends, the lifters erased from it; the outboxes, where they are on this server too: what is
--        carried is taken out of them, and what is not in them was read of a server that this one has replaced, or was
--        carried by somebody else
-- ARGV   how many changes the feed keeps; then for each its outbox, its run and id there, its lifter's pseudonym, it
-- Reply  {'done', the number of the newest change}
local feed, texts, ends, unfed = unpack(KEYS)
local kept = tonumber(ARGV[1])
-- How many runs are remembered, the newest: as many as may pass while somebody who read an outbox has yet to carry it.
local most_runs = 8

local function is_after(id, other)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  local other_ms, other_seq = string.match(other, '^(%d+)-(%d+)$')
  ms, seq, other_ms, other_seq = tonumber(ms), tonumber(seq), tonumber(other_ms), tonumber(other_seq)
  return ms > other_ms or (ms == other_ms and seq > other_seq)
end

-- What was taken of an outbox: the newest run first. 0.1.0 knew of no runs.
local function marks_of(outbox)
  local marks = {}
  for id, run in string.gmatch(redis.call('HGET', ends, outbox) or '', '(%d+%-%d+)@?(%x*)') do
    marks[#marks + 1] = {id = id, run = run}
  end
  return marks
end

-- Whether an entry is taken for the first time; then it is noted.
local function is_new(marks, run, id)
  for _, mark in ipairs(marks) do
    if mark.run == run then
      local is_later = is_after(id, mark.id)
      mark.id = is_later and id or mark.id
      return is_later
    end
  end
  table.insert(marks, 1, {id = id, run = run})
  marks[most_runs + 1] = nil
  return true
end

local outboxes = {}
for i = 5, #KEYS do
  outboxes[string.match(KEYS[i], '^{(p%d+)}')] = KEYS[i]
end

-- Whether an entry is there, as far as can be seen; then it is taken out.
local function is_there(outbox, run, id)
  if not outboxes[outbox] then
    return true
  end
  local entry = redis.call('XRANGE', outboxes[outbox], id, id)[1]
  local fields = {}
  for i = 1, entry and #entry[2] or 0, 2 do
    fields[entry[2][i]] = entry[2][i + 1]
  end
  return entry and (fields.run or '') == run and redis.call('XDEL', outboxes[outbox], id) == 1
end

local newest = tonumber(redis.call('HGET', ends, 'newest') or '0')
local taken = {}
for i = 2, #ARGV, 5 do
  local outbox, run, id, pseudonym, change = unpack(ARGV, i, i + 4)
  if is_there(outbox, run, id) then
    taken[outbox] = taken[outbox] or marks_of(outbox)
    if is_new(taken[outbox], run, id) and redis.call('SISMEMBER', unfed, pseudonym) == 0 then
      newest = newest + 1
      redis.call('HSET', texts, string.format('%d', newest), change)
      redis.call('XADD', feed, string.format('%d-0', newest), '', '')
    end
  end
end
for outbox, marks in pairs(taken) do
  local said = {}
  for place, mark in ipairs(marks) do
    said[place] = mark.id .. '@' .. mark.run
  end
  redis.call('HSET', ends, outbox, table.concat(said, ' '))
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
return {'done', newest}
