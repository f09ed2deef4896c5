#!lua
-- Commit what a replay changed, only over the checkpoint that it started from.
--
-- KEYS   state, log, dirty, parked
-- ARGV   checkpoint started from ('' for none), new checkpoint, its version, '1' if the lifter is parked,
--        the lifter's name in sets, number of fields to remove, those fields; then field, value, field, value, ...
-- Reply  0 if another commit came first and nothing was written, else 1
local state, log, dirty, parked = unpack(KEYS)
local expected, checkpoint, version, is_parked, lifter, removed = unpack(ARGV, 1, 6)

if (redis.call('HGET', state, 'checkpoint') or '') ~= expected then
  return 0
end
local behind = tonumber(version) < redis.call('XLEN', log)

for i = 7, 6 + removed do
  redis.call('HDEL', state, ARGV[i])
end
for i = 7 + removed, #ARGV, 2 do
  redis.call('HSET', state, ARGV[i], ARGV[i + 1])
end
redis.call('HSET', state, 'checkpoint', checkpoint, 'version', version)
if is_parked == '1' then
  redis.call('SADD', parked, lifter)
else
  redis.call('SREM', parked, lifter)
end
-- A parked lifter is done with until its log changes, which marks it anew.
if is_parked == '1' or not behind then
  redis.call('ZREM', dirty, lifter)
end
return 1
