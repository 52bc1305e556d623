using Ganeti.Console;

return ConsoleOptions.TryParse(args, out var options, out var status) ? ConsoleSession.Run(options) : status;
