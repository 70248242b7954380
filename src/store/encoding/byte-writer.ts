/** Bytes that grow as they are written. */

const FIRST_BYTES = 256;

/** Text up to this length is encoded into place; longer text is measured first. */
const SHORT = 64;

const encoder = new TextEncoder();

/** Little-endian; lengths and counts are variable-length integers, seven bits a byte, the lowest first. @internal */
export class ByteWriter {
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** Begins anew; what `taken` returned stays as it is. */
  clear(): void {
    this.#length = 0;
  }

  /** A copy of what has been written. */
  taken(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  /** An integer from 0 to 2⁵³ − 1. */
  count(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.#length] = (rest % 128) | 128;
      this.#length += 1;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length] = rest;
    this.#length += 1;
  }

  double(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** UTF-8, its length before it. The text has no lone surrogate. */
  text(value: string): void {
    if (value.length > SHORT) {
      const bytes = encoder.encode(value);
      this.count(bytes.length);
      this.bytes(bytes);
      return;
    }
    // Three bytes a unit at most, so that the length takes one or two bytes: it is written when it is known.
    this.#reserve(3 * value.length + 2);
    const start = this.#length;
    const { written } = encoder.encodeInto(value, this.#bytes.subarray(start + 1));
    if (written < 128) {
      this.#bytes[start] = written;
      this.#length = start + 1 + written;
      return;
    }
    this.count(written);
    encoder.encodeInto(value, this.#bytes.subarray(this.#length));
    this.#length += written;
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const longer = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    longer.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = longer;
    this.#view = new DataView(longer.buffer);
  }
}
