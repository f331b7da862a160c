// Steps about other steps, and those that ask the system.
using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Sockets;

namespace Differential;

static class OtherSteps
{
    public static void Add(Dictionary<string, Func<Run, Step, string>> plain)
    {
        plain["await"] = (run, step) => run.Started(step, step[0].Text).Result.GetAwaiter().GetResult();
        plain["cancel"] = Cancel;
        plain["cancel-connect"] = CancelConnect;
        plain["pending"] = IsPending;
        plain["join"] = Join;
        plain["let"] = Let;
        plain["file-exists"] = (run, step) => "ok" + Output.Bool(File.Exists(Values.Text(run, step[0])));
        plain["remove-file"] = RemoveFile;
    }

    static string Cancel(Run run, Step step)
    {
        run.Started(step, step[0].Text).Cancellation.Cancel();
        return "ok";
    }

    static string CancelConnect(Run run, Step step)
    {
        Socket.CancelConnectAsync(run.Started(step, step[0].Text).Call.Arguments);
        return "ok";
    }

    static string IsPending(Run run, Step step)
    {
        Pending started = run.Started(step, step[0].Text);
        return "ok" + Output.Bool(started.Thread != null ? !started.IsDone : !started.Result.IsCompleted);
    }

    static string Join(Run run, Step step)
    {
        Pending started = run.Started(step, step[0].Text);
        started.Thread.Join();
        return started.Text;
    }

    static string Let(Run run, Step step)
    {
        run.EndPoints[step[0].Text] = Values.EndPoint(run, step, step[1]);
        return "ok";
    }

    static string RemoveFile(Run run, Step step)
    {
        string path = Values.Text(run, step[0]);
        bool there = File.Exists(path);
        File.Delete(path);
        return "ok" + Output.Bool(there);
    }
}
