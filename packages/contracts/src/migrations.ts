export { migrate, migrations } from "./generated/migrations.ts";
