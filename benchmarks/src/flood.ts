import type { BenchOptions, Comparison } from "./bench.ts";
import { emptyRedis } from "./empty-redis.ts";
import { createSetting } from "./gateway-setting.ts";
import type { FloodAnswer, FloodQuestion } from "./peers/flood.ts";
import { type PeerProcess, startPeer } from "./peer-process.ts";
import { createScope } from "./scope.ts";

const perSecond = 300;
const slowSockets = 200;

const floods = [
  { name: "unsigned", isForged: false, perSecond: 1_000 },
  { name: "forged", isForged: true, perSecond: 1_000 },
] as const;

/**
 * How soon a gateway answers a provider that sends at an even pace, while others send at several times that pace what is
 * not signed, or signed wrongly, and hold slow sockets open; and while nobody does. Both are the same process in turn.
 */
export async function* flood({ quick }: BenchOptions): AsyncGenerator<Comparison> {
  for (const one of floods) {
    const scope = createScope();
    try {
      const setting = createSetting(scope, {
        bytes: 1_000,
        appendfsync: "always",
        scheme: "standard-webhooks",
        measurement: { kind: "latency", perSecond, share: 0.99 },
        warmUpMs: 0,
      });
      const redis = await setting.redis();
      const attacker = scope.add(await startPeer("flood", {}));
      const gateway = await setting.contender("a flood", {
        peer: "gateway-hooks",
        settings: { inboxUrl: redis.url, durability: "strict", trustedProxies: ["127.0.0.0/8"] },
        reset: () => emptyRedis(redis),
      });
      yield {
        name: `p99 at ${perSecond}/s, ${one.perSecond} ${one.name}/s, ${slowSockets} slow sockets`,
        unit: "ms p99",
        better: "lower",
        rounds: quick ? 5 : 21,
        sliceMs: quick ? 1_000 : 2_000,
        ours: {
          name: "while they come",
          measure: (ms) => during(attacker, { ...one, url: gateway.url }, () => gateway.measure(ms)),
        },
        others: [{ name: "while they do not", target: 2, measure: gateway.measure }],
      };
    } finally {
      await scope.stop();
    }
  }
}

async function during(
  attacker: PeerProcess,
  question: Pick<FloodQuestion, "url" | "perSecond" | "isForged">,
  measure: () => number | Promise<number>,
): Promise<number> {
  const startedAt = performance.now();
  await attacker.ask({ ...question, slowSockets } satisfies FloodQuestion);
  const measured = await measure();
  const ended = await attacker.ask({ ...question, perSecond: 0, slowSockets: 0 } satisfies FloodQuestion);
  // The answer is the flood's.
  const { 401: refused = 0 } = ended as FloodAnswer;
  const wanted = (question.perSecond * (performance.now() - startedAt)) / 1_000;
  // A flood that was held up by other work of the machine proves nothing.
  if (refused < 0.8 * wanted) throw new Error(`Of ${Math.round(wanted)} requests ${refused} were refused`);
  return measured;
}
