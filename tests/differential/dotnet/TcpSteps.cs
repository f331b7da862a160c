// TcpClient.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Threading.Tasks;

namespace Differential;

static class TcpSteps
{
    public static void Add(Dictionary<string, Func<Run, Step, string>> plain, Dictionary<string, Func<Run, Step, Call>> calls)
    {
        plain["tcp-client"] = Create;
        plain["tcp-client-bound"] = (run, step) => Keep(run, step, new TcpClient((IPEndPoint)Values.EndPoint(run, step, step[1])));
        plain["tcp-client-connected"] = (run, step) => Keep(run, step, new TcpClient(HostOf(step, 1), Values.Int(run, step, step[2])));
        plain["tcp-close"] = (run, step) => Ok(Of(run, step).Close);
        plain["tcp-socket"] = (run, step) => run.ShowSocket(step, run.Object<TcpClient>(step, 1).Client);
        plain["tcp-set-socket"] = (run, step) => Ok(() => Of(run, step).Client = step[1].Is("null") ? null : run.Socket(step, step[1]));
        plain["tcp-stream"] = (run, step) => run.KeepObject(step, run.Object<TcpClient>(step, 1).GetStream());
        plain["tcp-get"] = Get;
        plain["tcp-set"] = Set;
        calls["tcp-connect"] = Connect;
        calls["tcp-connect-host"] = ConnectHost;
        calls["tcp-connect-addresses"] = ConnectAddresses;
    }

    static readonly PropertyInfo Active = typeof(TcpClient).GetProperty("Active", BindingFlags.NonPublic | BindingFlags.Instance);

    static TcpClient Of(Run run, Step step) => run.Object<TcpClient>(step, 0);

    static string HostOf(Step step, int index) => step[index].Is("null") ? null : step[index].Text;

    static string Ok(Action action)
    {
        action();
        return "ok";
    }

    static async Task<string> Ok(ValueTask task)
    {
        await task;
        return "ok";
    }

    static string Keep(Run run, Step step, TcpClient client) => run.KeepObject(step, client);

    static string Create(Run run, Step step) =>
        Keep(run, step, step.Count > 1 ? new TcpClient(Values.Name<AddressFamily>(step, step[1])) : new TcpClient());

    static Call Connect(Run run, Step step)
    {
        TcpClient client = Of(run, step);
        var remote = (IPEndPoint)Values.EndPoint(run, step, step[1]);
        return new Call
        {
            Blocking = () => Ok(() => client.Connect(remote)),
            Task = token => Ok(client.ConnectAsync(remote, token)),
        };
    }

    static Call ConnectHost(Run run, Step step)
    {
        TcpClient client = Of(run, step);
        string host = HostOf(step, 1);
        int port = Values.Int(run, step, step[2]);
        return new Call
        {
            Blocking = () => Ok(() => client.Connect(host, port)),
            Task = token => Ok(client.ConnectAsync(host, port, token)),
        };
    }

    static Call ConnectAddresses(Run run, Step step)
    {
        TcpClient client = Of(run, step);
        int port = Values.Int(run, step, step[1]);
        bool absent = step.Count == 3 && step[2].Is("null");
        IPAddress[] addresses = absent ? null : step.Words.Skip(2).Select(word => Values.Address(step, word)).ToArray();
        return new Call
        {
            Blocking = () => Ok(() => client.Connect(addresses, port)),
            Task = token => Ok(client.ConnectAsync(addresses, port, token)),
        };
    }

    static string Get(Run run, Step step)
    {
        TcpClient client = Of(run, step);
        object value = step[1].Text switch
        {
            "Active" => Active.GetValue(client),
            "Connected" => client.Connected,
            "ExclusiveAddressUse" => client.ExclusiveAddressUse,
            "NoDelay" => client.NoDelay,
            "ReceiveBufferSize" => client.ReceiveBufferSize,
            "SendBufferSize" => client.SendBufferSize,
            "ReceiveTimeout" => client.ReceiveTimeout,
            "SendTimeout" => client.SendTimeout,
            "LingerState" => PropertySteps.Linger(client.LingerState),
            "Available" => client.Available,
            _ => throw new Broken(step, "unknown property: " + step[1].Text),
        };
        return "ok " + PropertySteps.Lower(value);
    }

    static string Set(Run run, Step step)
    {
        TcpClient client = Of(run, step);
        bool Flag() => Values.Bool(step, step[2]);
        int Number() => Values.Int(run, step, step[2]);
        switch (step[1].Text)
        {
            case "Active": Active.SetValue(client, Flag()); break;
            case "ExclusiveAddressUse": client.ExclusiveAddressUse = Flag(); break;
            case "NoDelay": client.NoDelay = Flag(); break;
            case "ReceiveBufferSize": client.ReceiveBufferSize = Number(); break;
            case "SendBufferSize": client.SendBufferSize = Number(); break;
            case "ReceiveTimeout": client.ReceiveTimeout = Number(); break;
            case "SendTimeout": client.SendTimeout = Number(); break;
            case "LingerState": client.LingerState = PropertySteps.LingerOf(step[2]); break;
            default: throw new Broken(step, "unknown property, or one that is only read: " + step[1].Text);
        }
        return "ok";
    }
}
