/** The beginning of a response's body. It holds at most `maxBytes`, in however many pieces they come. */
export interface ResponseBody {
  /** Takes the next piece; false when there was no room for all of it. */
  append(piece: Buffer): boolean;
  readonly bytes: Buffer;
}

const nothing = Buffer.alloc(0);

export function createResponseBody(maxBytes: number): ResponseBody {
  let length = 0;
  let buffer: Buffer = nothing;
  return {
    get bytes() {
      return buffer.subarray(0, length);
    },
    append: (piece) => {
      const isFirst = length === 0;
      const taken = piece.subarray(0, maxBytes - length);
      // Mostly one piece is all. Of many, each may be a byte that keeps the whole packet it came in, so they are copied.
      if (isFirst) buffer = taken;
      else {
        if (buffer.length < maxBytes) buffer = Buffer.concat([buffer], maxBytes);
        taken.copy(buffer, length);
      }
      length += taken.length;
      return taken.length === piece.length;
    },
  };
}
