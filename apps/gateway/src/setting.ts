import type { Reader } from "./config-reader.ts";
import type { Problems } from "./problems.ts";
import { readVariable, type Variables } from "./variables.ts";

/** A setting of the file that a variable of the environment goes over. */
export interface Setting {
  /** What the variable says. */
  readonly given: string | undefined;
  /** Notes a fault where the value comes from. */
  problem(message: string): void;
  isFaulty(): boolean;
}

/** Finds the setting that is `key` in the file and `name` in the environment. */
export type FindSetting = (key: string, name: string) => Setting;

export function createSettings(file: Reader, variables: Variables, problems: Problems): FindSetting {
  return (key, name) => {
    const given = readVariable(name, variables, problems);
    return {
      given,
      problem: (message) => (given === undefined ? file.problem(key, message) : problems.add(name, message)),
      isFaulty: () => [name, `${name}_FILE`].some(problems.isFaulty) || file.isFaulty(key),
    };
  };
}
