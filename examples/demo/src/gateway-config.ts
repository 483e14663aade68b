/** The gateway's configuration file. The secrets are in its environment. */
export function renderGatewayConfig(consumerUrl: string): string {
  return `# More than the demo sends in a second, so that it never waits.
sources:
  billing:
    provider: standard-webhooks
    secrets: ["\${BILLING_SECRET}"]
    destinations: [events]
    rateLimit: { perSecond: 2000, burst: 4000 }
  github:
    provider: github
    secrets: ["\${GITHUB_SECRET}"]
    destinations: [github]
    rateLimit: { perSecond: 2000, burst: 4000 }
destinations:
  events: { type: http, url: "${consumerUrl}/events" }
  github: { type: http, url: "${consumerUrl}/github" }
`;
}
