/** The major of a version such as `1.2.0`, as pins name it. */
export function majorOf(version: string): string {
  return version.slice(0, version.indexOf("."));
}

/** The newest version of a major among `versions`, which are in order, oldest first. */
export function newestOf(versions: readonly string[], major: string): string | undefined {
  return versions.findLast((version) => majorOf(version) === major);
}

/** The majors of `versions`, newest first. */
export function majorsOf(versions: readonly string[]): readonly string[] {
  return [...new Set(versions.map(majorOf))].toReversed();
}
