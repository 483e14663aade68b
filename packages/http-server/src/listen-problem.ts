/** Why a server cannot listen where it was told to, in one sentence for whoever starts it. */
export function listenProblem(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, syscall, address, hostname, port }: Partial<ListenError> = error;
  if (syscall === "getaddrinfo") return `${hostname} is no address of this machine; set HOST`;
  if (address === undefined) return error.message;
  switch (code) {
    case "EADDRINUSE":
      return `Port ${port} of ${address} is taken; set PORT`;
    case "EACCES":
      return `Port ${port} of ${address} may not be used by this user; set PORT`;
    case "EADDRNOTAVAIL":
      return `${address} is no address of this machine; set HOST`;
    default:
      return error.message;
  }
}

/** What Node.js adds to an error of `listen`. */
interface ListenError extends NodeJS.ErrnoException {
  readonly address: string;
  readonly hostname: string;
  readonly port: number;
}
