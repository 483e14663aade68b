import { describe, expect, it } from "vitest";
import { createKeyCache } from "./key-cache.ts";

const start = 1_795_220_000;
const hour = 3600;

const never = () => new Promise<undefined>(() => undefined);
const load = () => Promise.resolve("key");

/** A source of keys that counts what was asked of it, and answers as told. */
function createSource() {
  const asked: string[] = [];
  const answers = new Map<string, string | undefined>();
  const cache = createKeyCache<string>();
  return {
    asked,
    answers,
    cache,
    find: (name: string, nowSeconds = start, maxAgeSeconds = hour) =>
      cache.find({
        name,
        nowSeconds,
        maxAgeSeconds,
        load: () => {
          asked.push(name);
          return Promise.resolve(answers.get(name));
        },
      }),
  };
}

describe("createKeyCache", () => {
  it("fetches a key once for as long as it is young, and once for requests at the same time", async () => {
    const { asked, answers, find } = createSource();
    answers.set("a", "key");
    expect(await Promise.all([find("a"), find("a"), find("a")])).toEqual(["key", "key", "key"]);
    expect(await find("a", start + hour)).toBe("key");
    expect(asked).toEqual(["a"]);
    answers.set("a", "newer");
    expect(await find("a", start + hour + 1)).toBe("newer");
    expect(asked).toEqual(["a", "a"]);
  });

  it("uses an old key while it cannot be fetched anew, up to a week, trying again every few seconds", async () => {
    const { asked, answers, cache, find } = createSource();
    answers.set("a", "key");
    await find("a");
    cache.prove("a");
    answers.delete("a");
    const late = start + hour + 10;
    expect(await find("a", late)).toBe("key");
    expect(await find("a", late + 4)).toBe("key");
    expect(asked.length).toBe(2);
    expect(await find("a", late + 5)).toBe("key");
    expect(asked.length).toBe(3);
    expect(await find("a", start + hour + 7 * 24 * hour + 1)).toBeUndefined();
  });

  it("remembers a failure for seconds only", async () => {
    const { asked, answers, find } = createSource();
    expect(await find("a")).toBeUndefined();
    answers.set("a", "key");
    expect(await find("a", start + 4)).toBeUndefined();
    expect(await find("a", start + 5)).toBe("key");
    expect(asked.length).toBe(2);
  });

  it("limits how many names that nothing was verified with can make it fetch", async () => {
    const { asked, find } = createSource();
    for (let index = 0; index < 10_000; index++) await find(`n${index}`);
    expect(asked.length).toBe(30);
    for (let index = 0; index < 10_000; index++) await find(`m${index}`, start + 20);
    expect(asked.length).toBe(40);
  });

  it("keeps proven keys, and fetches them anew, whatever else is asked for", async () => {
    const { asked, answers, cache, find } = createSource();
    answers.set("a", "key");
    await find("a");
    cache.prove("a");
    for (let second = 0; second < 200; second++) {
      answers.set(`n${second}`, "other");
      for (let index = 0; index < 5; index++) await find(`n${second + index}`, start + second * 2);
    }
    expect(await find("a", start + 400)).toBe("key");
    expect(asked.filter((name) => name === "a").length).toBe(1);
    answers.set("a", "newer");
    for (let index = 0; index < 100; index++) await find(`x${index}`, start + 2 * hour);
    expect(await find("a", start + 2 * hour)).toBe("newer");
  });

  it("gives up on fetches that do not come back, so that others get their place", async () => {
    const cache = createKeyCache<string>();
    const search = { nowSeconds: start, maxAgeSeconds: hour };
    for (let index = 0; index < 8; index++) void cache.find({ ...search, name: `n${index}`, load: never });
    expect(await cache.find({ ...search, name: "a", load })).toBeUndefined();
    expect(await cache.find({ ...search, name: "a", load, nowSeconds: start + 31 })).toBe("key");
  });

  it("goes on when the clock is set back", async () => {
    const { answers, find } = createSource();
    answers.set("a", "key");
    await find("a");
    expect(await find("a", start - 1000)).toBe("key");
  });
});
