import type { EgressFailure } from "./client.ts";

/** Why a connection was refused or could not be made. The message is for the operator and names no address. */
export class EgressError extends Error {
  readonly code: EgressFailure;
  constructor(code: EgressFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "EgressError";
    this.code = code;
  }
}
