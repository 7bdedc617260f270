// Typed arrays as bytes, for files that never leave the machine that wrote them.

/** The array's own memory, not a copy. */
export const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
