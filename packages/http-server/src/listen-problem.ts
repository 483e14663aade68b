/** Why a server cannot listen where it was told to, in one sentence for whoever starts it. */
export function listenProblem(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, address, port }: Partial<ListenError> = error;
  return code === "EADDRINUSE" && address !== undefined && port !== undefined
    ? `Port ${port} of ${address} is taken; set PORT`
    : error.message;
}

/** What Node.js adds to an error of `listen`. */
interface ListenError extends NodeJS.ErrnoException {
  readonly address: string;
  readonly port: number;
}
