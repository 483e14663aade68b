import { deprecationOf, headersOf, type Deprecation } from "./core/deprecation.ts";
import { majorsOf, newestOf } from "./core/versions.ts";
import { schemaOf, type Contracts } from "./contracts.ts";

/** A version that is delivered and deprecated. */
export interface DeprecatedVersion {
  readonly type: string;
  readonly version: string;
  readonly deprecation: Deprecation;
}

/** Headers that tell of a deprecation, for versions that are deprecated. */
export type NoticeOf = (type: string, version: string) => Readonly<Record<string, string>> | undefined;

/** What the contracts deprecate among the versions that endpoints can be pinned to: the newest of each major. */
export function deprecatedVersions({ eventTypes }: Contracts): readonly DeprecatedVersion[] {
  return Object.values(eventTypes).flatMap((info) =>
    majorsOf(info.versions).flatMap((major) => {
      const version = newestOf(info.versions, major) ?? info.latest;
      const deprecation = deprecationOf(schemaOf(info, version));
      return deprecation === undefined ? [] : [{ type: info.type, version, deprecation }];
    }),
  );
}

/** Of any version, also one that a newer minor has replaced meanwhile. */
export function createNotices({ eventTypes }: Contracts): NoticeOf {
  const notices = new Map<string, Map<string, Readonly<Record<string, string>>>>();
  for (const info of Object.values(eventTypes))
    for (const version of info.versions) {
      const deprecation = deprecationOf(schemaOf(info, version));
      if (deprecation === undefined) continue;
      const ofType = notices.get(info.type) ?? new Map<string, Readonly<Record<string, string>>>();
      notices.set(info.type, ofType.set(version, headersOf(deprecation)));
    }
  return (type, version) => notices.get(type)?.get(version);
}
