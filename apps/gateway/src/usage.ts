/** What `--help` says. */
export const usage = `Usage: gateway [--workers N|auto]         receive, keep, forward; the configuration is in the file HOOKS_CONFIG
       gateway events --source NAME …       show dead letters, or what waits or is done
       gateway replay --source NAME …       send them again
       gateway discard --source NAME …      remove dead letters for good

Which events:
  --state dead|waiting|done   default: dead; done is what nobody is owed any more
  --type, --id                a type or a resource (invoice.*), an event's id
  --since, --until            a time, or how long ago: 90m, 2h, 3d
  --destination               dead letters of this destination
Of events:
  --limit, --after            a page
  --json                      a line of JSON for each
Of replay and discard:
  --dry-run                   only count
  --all                       everything of the source in this state
Of replay:
  --to                        destinations of what is done; may be repeated`;
