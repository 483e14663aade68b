import type { Socket } from "node:net";
import { EgressError } from "./egress-error.ts";

/**
 * Destroys a socket that has read more than `maxBytes` since it last wrote, that is, in answer to one request. The parser
 * bounds headers and bodies, but not what it skips: reasons, chunk extensions, empty lines.
 */
export function limitReading(socket: Socket, maxBytes: number): void {
  let written = 0;
  let readBefore = 0;
  let read = 0;
  socket.on("readable", () => {
    if (socket.bytesWritten !== written) {
      written = socket.bytesWritten;
      readBefore = read;
    }
    read = socket.bytesRead;
    if (read - readBefore > maxBytes)
      socket.destroy(new EgressError("response_invalid", "The response was too long"));
  });
}
