/**
 * Log a set so that it arrives exactly once, whatever the network does, and show what comes next.
 *
 * make client
 * SPOTTER_API_KEY=... node clients/example.mts http://127.0.0.1:8080 ann
 *
 * Node runs it as it is from 22.18 on.
 */

import { Spotter, type SetLoggedSubmission } from "./typescript/index.js";

const [url, lifter] = process.argv.slice(2);
if (url === undefined || lifter === undefined) throw new Error("say where Spotter is, and whose set it is");
const spotter = new Spotter({ url, key: process.env.SPOTTER_API_KEY });

// The id makes it safe to send the set again: the log takes it once. So keep it until this is answered.
const set: SetLoggedSubmission = {
  event_id: crypto.randomUUID(),
  type: "set_logged",
  occurred_at: new Date().toISOString(),
  data: { exercise: "deadlift", load: { value: 100, unit: "kg" }, reps: 5, rir: 2 },
};
const receipt = await spotter.appendEvent({ lifter, body: set });
console.log(`version ${receipt.version}, ${receipt.outcome}`);

const next = await spotter.getPrescription({ lifter, exercise: "deadlift" });
for (const { index, kind, load } of next.sets) {
  console.log(`${index}. ${kind}: ${load ? `${load.value} ${load.unit}` : "a load to be found"}`);
}
console.log(next.because.join("\n"));
