#!lua
-- Commit what a replay changed, only over the checkpoint that it started from; and with it what is to be told of that,
-- only over what had been told before.
--
-- KEYS   state, log, dirty, parked, ladder, told, due, outbox
-- ARGV   checkpoint started from ('' for none), new checkpoint, its version, the version up to which the log was read,
--        '1' if the lifter is parked, the lifter's name in sets, number of fields to remove, number of rungs to change,
--        '1' if nothing is left to tell of what was read, what had been told ('' for nothing, '*': leave it), what has
--        been now, the instant when to look again ('' for never), number of slots to forget and to remember, number
--        of changes, the lifter's gym, id and pseudonym, the event of the last entry that was read ('' for any);
--        then those fields; then slot, rung, slot, rung, ... ('' drops one); then the slots to forget; then slot,
--        value, slot, value, ...; then the changes; then field, value, field, value, ...
-- Reply  0 if another commit came first, a newer engine's stands or has told, or the log is not the one that was read, and
--        nothing was written; else 1
local state, log, dirty, parked, ladder, told, due, outbox = unpack(KEYS)
local expected, checkpoint, version, read, is_parked, lifter, removed, rungs = unpack(ARGV, 1, 8)
local settles, told_before, told_now, look_at, forgotten, remembered, changes, gym, id, pseudonym, event = unpack(ARGV, 9, 19)

if (redis.call('HGET', state, 'checkpoint') or '') ~= expected then
  return 0
end
if told_before ~= '*' and (redis.call('HGET', told, 'told') or '') ~= told_before then
  return 0
end
-- What a newer engine made or told is its workers' to bring on, while machines are upgraded one after the other.
local function engine_of(record)
  return tonumber(string.match(record or '', '^%[%d+,[^,]*,(%d+)') or '0')
end
local ours = engine_of(checkpoint)
if engine_of(expected) > ours or engine_of(redis.call('HGET', told, 'told')) > ours then
  return 0
end
-- A log only ever grows, but an erasure ends it: what was read before that must not come back as a projection. Nor what
-- was read of a server that this one has replaced, and that others have logged something else after.
local head = redis.call('XLEN', log)
if head == 0 or tonumber(read) > head then
  return 0
end
if event ~= '' and redis.call('XRANGE', log, read .. '-0', read .. '-0')[1][2][2] ~= event then
  return 0
end

-- Set fields of a hash, whose values follow them in ARGV from one place to another.
local function set(key, first, last)
  for i = first, last, 2000 do
    redis.call('HSET', key, unpack(ARGV, i, math.min(i + 1999, last)))
  end
end

local at = 20
for i = at, at + removed - 1 do
  redis.call('HDEL', state, ARGV[i])
end
at = at + removed
for i = at, at + 2 * rungs - 1, 2 do
  if ARGV[i + 1] == '' then
    redis.call('HDEL', ladder, ARGV[i])
  else
    redis.call('HSET', ladder, ARGV[i], ARGV[i + 1])
  end
end
at = at + 2 * rungs
if told_before ~= '*' then
  for i = at, at + forgotten - 1 do
    redis.call('HDEL', told, ARGV[i])
  end
  at = at + forgotten
  set(told, at, at + 2 * remembered - 1)
  at = at + 2 * remembered
  -- Ids rise as long as this server is the primary. The next one, on another machine or after a start, may lack the last
  -- entries and have a clock that is behind; so an entry says whose it is, as far as the server tells.
  local run = ''
  if tonumber(changes) > 0 then
    local info = redis.pcall('INFO', 'replication')
    run = type(info) == 'string' and string.match(info, 'master_replid:(%x+)') or ''
  end
  for i = at, at + changes - 1 do
    redis.call('XADD', outbox, '*', 'gym', gym, 'lifter', id, 'pseudonym', pseudonym, 'run', run, 'change', ARGV[i])
  end
  at = at + changes
  redis.call('HSET', told, 'told', told_now)
  if look_at == '' then
    redis.call('ZREM', due, lifter)
  else
    redis.call('ZADD', due, look_at, lifter)
  end
end
set(state, at, #ARGV)
redis.call('HSET', state, 'checkpoint', checkpoint, 'version', version)
if is_parked == '1' then
  redis.call('SADD', parked, lifter)
else
  redis.call('SREM', parked, lifter)
end
if settles == '1' and tonumber(read) == head then
  redis.call('ZREM', dirty, lifter)
end
return 1
