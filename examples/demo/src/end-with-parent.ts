// Loaded into the apps before their own code: when the demo goes, even killed, its channel closes and they end too.
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
// The channel alone must not keep a process alive that has nothing left to do.
process.channel?.unref();
