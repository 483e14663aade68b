// The limit of what keeps deliveries in PostgreSQL: a bare undici loop and two statements, one that reads what waits and one
// that moves what was sent into history, many at a time. No endpoints, owners, fairness, retries; no record of what is in
// flight.
import { Client } from "pg";
import { request } from "undici";
import { envelope } from "../payload.ts";
import { createAgent, deliveryPeer, type DeliverySettings } from "./delivery.ts";
import { runPeer } from "./run-peer.ts";
import { keyOf, signBare } from "./sign-bare.ts";

interface Settings extends DeliverySettings {
  readonly url: string;
}

interface Waiting {
  readonly id: string;
  readonly target: number;
  readonly body: string;
}

const TABLES = `
  CREATE TABLE waiting (id bigint PRIMARY KEY, target integer NOT NULL, body text NOT NULL);
  CREATE TABLE sent (id bigint PRIMARY KEY, target integer NOT NULL, status smallint NOT NULL, sent_at timestamptz NOT NULL);`;
const ADD = {
  name: "add",
  text: "INSERT INTO waiting SELECT $1::bigint + place, place % $2::integer, $3 FROM generate_series(0, $4::integer - 1) AS place",
};
const READ = {
  name: "read",
  text: "SELECT id, target, body FROM waiting WHERE id > $1 ORDER BY id LIMIT $2",
};
const RECORD = {
  name: "record",
  text: `
    WITH gone AS (DELETE FROM waiting USING unnest($1::bigint[], $2::smallint[]) AS done (id, status)
      WHERE waiting.id = done.id RETURNING waiting.id, waiting.target, done.status)
    INSERT INTO sent SELECT id, target, status, now() FROM gone`,
};

runPeer<Settings>(async (settings) => {
  const { url, secret, bytes, concurrency, urls } = settings;
  const [reader, writer] = [new Client(url), new Client(url)];
  await Promise.all([reader.connect(), writer.connect()]);
  await reader.query(TABLES);
  const key = keyOf(secret);
  const dispatcher = createAgent();
  let last = -1;
  let added = 0;
  let left = 0;
  let inFlight = 0;
  let isReading = false;
  let isRecording = false;
  let done: { readonly id: string; readonly status: number }[] = [];
  let end: (() => void) | undefined;
  let fail: ((error: unknown) => void) | undefined;

  const send = async ({ id, target, body }: Waiting) => {
    const bytesOfBody = Buffer.from(body);
    const headers = {
      ...signBare(key, { id: `evt_${id.padStart(26, "0")}`, body: bytesOfBody }),
      "content-type": "application/json",
      "user-agent": "bench",
    };
    const answer = await request(urls[target] ?? "", {
      method: "POST",
      dispatcher,
      headers,
      body: bytesOfBody,
    });
    await answer.body.dump();
    if (answer.statusCode >= 300) throw new Error(`Got status ${answer.statusCode}`);
    done.push({ id, status: answer.statusCode });
    inFlight -= 1;
    void read().catch(fail);
    void record().catch(fail);
  };
  const read = async () => {
    // In batches, as far as there are so many.
    const room = concurrency - inFlight;
    if (isReading || last >= added - 1 || room < concurrency / 4) return;
    isReading = true;
    const { rows } = await reader.query<Waiting>({ ...READ, values: [last, room] });
    last = Number(rows.at(-1)?.id ?? last);
    inFlight += rows.length;
    isReading = false;
    for (const row of rows) void send(row).catch(fail);
  };
  const record = async () => {
    if (isRecording) return;
    isRecording = true;
    while (done.length > 0) {
      const some = done;
      done = [];
      const values = [some.map(({ id }) => id), some.map(({ status }) => status)];
      await writer.query({ ...RECORD, values });
      left -= some.length;
    }
    isRecording = false;
    if (left === 0) end?.();
  };
  return deliveryPeer(
    {
      prepare: async (count) => {
        left = count;
        const body = envelope("evt_0".padEnd(30, "0"), bytes).toString();
        await writer.query({ ...ADD, values: [added, urls.length, body, count] });
        added += count;
      },
      drain: () =>
        new Promise((resolve, reject) => {
          end = resolve;
          fail = reject;
          read().catch(reject);
        }),
    },
    settings,
  );
});
