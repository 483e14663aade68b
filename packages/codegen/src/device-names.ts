const device = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** Whether Windows takes a name for a device: wherever it stands, whatever follows after a dot, in capitals or not. */
export function isDeviceName(name: string): boolean {
  return device.test(name);
}
