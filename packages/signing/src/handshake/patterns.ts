import type { Handshake, HandshakeReplyRow, HandshakeSource } from "./handshake.ts";

export const ok: HandshakeReplyRow = { status: 200 };
export const echo: HandshakeReplyRow = { status: 200, text: [{ from: "token" }] };
export const get = ["GET"];
export const post = ["POST"];

/** A GET whose query has a text that is wanted back. */
export function echoQuery(name: string): Handshake {
  const source = { from: "query", name } as const;
  return {
    stage: "unverified",
    methods: get,
    when: [{ ...source, is: "present" }],
    token: { ...source, form: "text" },
    reply: echo,
  };
}

/** A signed POST that only asks whether anyone is there. */
export function ping(source: HandshakeSource, equals: string | number, reply = ok): Handshake {
  return { stage: "verified", methods: post, when: [{ ...source, equals }], reply };
}

export const head: Handshake = { stage: "unverified", methods: ["HEAD"], when: [], reply: ok };

/** CloudEvents HTTP webhooks 1.0, section 4: who may send, and how often (requests a minute, or `*`). */
export function optionsValidation(fallback?: string): readonly Handshake[] {
  const origin = { from: "header", name: "webhook-request-origin" } as const;
  const callback = { from: "header", name: "webhook-request-callback" } as const;
  const row = {
    stage: "unverified",
    methods: ["OPTIONS"],
    checks: [{ ...origin, inSetting: "allowedOrigins", ...(fallback === undefined ? {} : { fallback }) }],
  } as const;
  const allow = [{ literal: "POST" }];
  return [
    {
      ...row,
      when: [
        { ...origin, is: "present" },
        { ...callback, is: "present" },
      ],
      optIn: "confirmCallbacks",
      token: { ...callback, form: "url" },
      reply: { status: 200, headers: { allow } },
      effect: { kind: "confirm" },
    },
    {
      ...row,
      when: [{ ...origin, is: "present" }],
      token: { ...origin, form: "origin" },
      reply: {
        status: 200,
        headers: {
          "webhook-allowed-origin": [{ from: "token" }],
          "webhook-allowed-rate": [{ setting: "allowedRate", fallback: "*" }],
          allow,
        },
      },
    },
  ];
}
