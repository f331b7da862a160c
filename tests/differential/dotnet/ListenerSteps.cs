// TcpListener.
using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Reflection;

namespace Differential;

static class ListenerSteps
{
    public static void Add(Dictionary<string, Func<Run, Step, string>> plain, Dictionary<string, Func<Run, Step, Call>> calls)
    {
        plain["listener"] = (run, step) => run.KeepObject(step, new TcpListener((IPEndPoint)Values.EndPoint(run, step, step[1])));
        plain["listener-dual"] = (run, step) => run.KeepObject(step, TcpListener.Create(Values.Int(run, step, step[1])));
        plain["listener-start"] = Start;
        plain["listener-stop"] = (run, step) => Ok(Of(run, step).Stop);
        plain["listener-pending"] = (run, step) => "ok" + Output.Bool(Of(run, step).Pending());
        plain["listener-nat"] = AllowNat;
        plain["listener-socket"] = (run, step) => run.ShowSocket(step, run.Object<TcpListener>(step, 1).Server);
        plain["listener-get"] = Get;
        plain["listener-set"] = (run, step) => Ok(() => Of(run, step).ExclusiveAddressUse = Values.Bool(step, step[2]));
        calls["listener-accept"] = Accept;
        calls["listener-accept-client"] = AcceptClient;
    }

    static readonly PropertyInfo Active = typeof(TcpListener).GetProperty("Active", BindingFlags.NonPublic | BindingFlags.Instance);

    static TcpListener Of(Run run, Step step) => run.Object<TcpListener>(step, 0);

    static string Ok(Action action)
    {
        action();
        return "ok";
    }

    static string Start(Run run, Step step)
    {
        TcpListener listener = Of(run, step);
        if (step.Count > 1) listener.Start(Values.Int(run, step, step[1]));
        else listener.Start();
        return "ok";
    }

    static string AllowNat(Run run, Step step)
    {
        TcpListener listener = Of(run, step);
        bool allowed = Values.Bool(step, step[1]);
        // Marked as Windows only, which is what the step is about.
#pragma warning disable CA1416
        return Ok(() => listener.AllowNatTraversal(allowed));
#pragma warning restore CA1416
    }

    static string Get(Run run, Step step)
    {
        TcpListener listener = Of(run, step);
        return step[1].Text switch
        {
            "Active" => "ok" + Output.Bool((bool)Active.GetValue(listener)),
            "LocalEndpoint" => "ok" + Output.EndPoint(run, listener.LocalEndpoint),
            "ExclusiveAddressUse" => "ok" + Output.Bool(listener.ExclusiveAddressUse),
            _ => throw new Broken(step, "unknown property: " + step[1].Text),
        };
    }

    static Call Accept(Run run, Step step)
    {
        TcpListener listener = Of(run, step);
        string Show(Socket accepted)
        {
            run.Keep(step[1].Text, accepted);
            return "ok";
        }
        return new Call
        {
            Blocking = () => Show(listener.AcceptSocket()),
            Task = async token => Show(await listener.AcceptSocketAsync(token)),
        };
    }

    static Call AcceptClient(Run run, Step step)
    {
        TcpListener listener = Of(run, step);
        return new Call
        {
            Blocking = () => run.KeepObject(step, listener.AcceptTcpClient(), 1),
            Task = async token => run.KeepObject(step, await listener.AcceptTcpClientAsync(token), 1),
        };
    }
}
