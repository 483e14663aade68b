import type { PeerMessage } from "../peer-process.ts";

/** What a peer's process does. */
export interface Peer {
  /** Told to the bench once. */
  readonly ready?: unknown;
  answer?(question: unknown): unknown;
}

/** Makes this process a peer: starts it with the bench's settings, answers its questions and ends with it. */
export function runPeer<Settings>(start: (settings: Settings) => Peer | Promise<Peer>): void {
  // With it go all connections and listeners; a bench that was killed leaves no peers behind.
  process.once("disconnect", () => process.exit());
  // A terminal's interrupt goes to everybody; the bench ends its peers.
  process.on("SIGINT", () => {});
  process.once("uncaughtException", (error) => fail(error));
  process.once("unhandledRejection", (error) => fail(error));
  // The bench and its peers are built together: the settings are what the bench gave.
  const settings = JSON.parse(process.argv[2] ?? "{}") as Settings;
  void listen(start, settings);
}

async function listen<Settings>(start: (settings: Settings) => Peer | Promise<Peer>, settings: Settings) {
  const peer = await start(settings);
  process.on("message", ({ question }: { readonly question: unknown }) => {
    void (async () => tell({ kind: "answer", value: await peer.answer?.(question) }))();
  });
  tell({ kind: "ready", value: peer.ready });
}

function fail(error: unknown): void {
  tell({ kind: "failed", reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}

function tell(message: PeerMessage): void {
  if (process.connected) process.send?.(message);
}
