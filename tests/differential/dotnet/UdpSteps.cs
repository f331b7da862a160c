// UdpClient.
using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Reflection;

namespace Differential;

static class UdpSteps
{
    public static void Add(Dictionary<string, Func<Run, Step, string>> plain, Dictionary<string, Func<Run, Step, Call>> calls)
    {
        plain["udp-client"] = Create;
        plain["udp-client-bound"] = (run, step) => run.KeepObject(step, new UdpClient((IPEndPoint)Values.EndPoint(run, step, step[1])));
        plain["udp-client-on-port"] = CreateOnPort;
        plain["udp-client-connected"] = (run, step) => run.KeepObject(step, new UdpClient(HostOf(step, 1), Values.Int(run, step, step[2])));
        plain["udp-close"] = (run, step) => Ok(Of(run, step).Close);
        plain["udp-socket"] = (run, step) => run.ShowSocket(step, run.Object<UdpClient>(step, 1).Client);
        plain["udp-set-socket"] = (run, step) => Ok(() => Of(run, step).Client = step[1].Is("null") ? null : run.Socket(step, step[1]));
        plain["udp-connect"] = (run, step) => Ok(() => Of(run, step).Connect((IPEndPoint)Values.EndPoint(run, step, step[1])));
        plain["udp-connect-host"] = (run, step) => Ok(() => Of(run, step).Connect(HostOf(step, 1), Values.Int(run, step, step[2])));
        plain["udp-join"] = Join;
        plain["udp-drop"] = Drop;
        plain["udp-get"] = Get;
        plain["udp-set"] = Set;
        plain["udp-nat"] = AllowNat;
        calls["udp-send"] = Send;
        calls["udp-send-host"] = SendHost;
        calls["udp-receive"] = Receive;
    }

    static readonly PropertyInfo Active = typeof(UdpClient).GetProperty("Active", BindingFlags.NonPublic | BindingFlags.Instance);

    static UdpClient Of(Run run, Step step) => run.Object<UdpClient>(step, 0);

    static string HostOf(Step step, int index) => step[index].Is("null") ? null : step[index].Text;

    static string Ok(Action action)
    {
        action();
        return "ok";
    }

    static string Create(Run run, Step step) =>
        run.KeepObject(step, step.Count > 1 ? new UdpClient(Values.Name<AddressFamily>(step, step[1])) : new UdpClient());

    static string CreateOnPort(Run run, Step step)
    {
        int port = Values.Int(run, step, step[1]);
        return run.KeepObject(step, step.Count > 2 ? new UdpClient(port, Values.Name<AddressFamily>(step, step[2])) : new UdpClient(port));
    }

    static Call Send(Run run, Step step)
    {
        UdpClient client = Of(run, step);
        byte[] data = step[1].Is("null") ? null : Values.Data(run, step[1]);
        var to = step.Count > 2 ? (IPEndPoint)Values.EndPoint(run, step, step[2]) : null;
        bool alone = step.Count == 2;
        return new Call
        {
            Blocking = () => "ok " + (data == null ? client.Send(data, 1, to) : alone ? client.Send(data.AsSpan()) : client.Send(data.AsSpan(), to)),
            Task = async token => "ok " + (data == null ? await client.SendAsync(data, 1, to)
                : alone ? await client.SendAsync(data.AsMemory(), token) : await client.SendAsync(data.AsMemory(), to, token)),
        };
    }

    static Call SendHost(Run run, Step step)
    {
        UdpClient client = Of(run, step);
        byte[] data = step[1].Is("null") ? null : Values.Data(run, step[1]);
        string host = HostOf(step, 2);
        int port = Values.Int(run, step, step[3]);
        return new Call
        {
            Blocking = () => "ok " + (data == null ? client.Send(data, 1, host, port) : client.Send(data.AsSpan(), host, port)),
            Task = async token => "ok " + (data == null ? await client.SendAsync(data, 1, host, port)
                : await client.SendAsync(data.AsMemory(), host, port, token)),
        };
    }

    static string Show(Run run, byte[] data, IPEndPoint from) =>
        "ok" + TransferSteps.Received(data, data.Length) + " from" + Output.EndPoint(run, from);

    static Call Receive(Run run, Step step)
    {
        UdpClient client = Of(run, step);
        return new Call
        {
            Blocking = () =>
            {
                IPEndPoint from = null;
                byte[] data = client.Receive(ref from);
                return Show(run, data, from);
            },
            Task = async token =>
            {
                UdpReceiveResult result = await client.ReceiveAsync(token);
                return Show(run, result.Buffer, result.RemoteEndPoint);
            },
        };
    }

    static IPAddress GroupOf(Step step) => step[1].Is("null") ? null : Values.Address(step, step[1]);

    static string Join(Run run, Step step)
    {
        UdpClient client = Of(run, step);
        IPAddress group = GroupOf(step);
        if (step.Named("ttl") is string ttl) client.JoinMulticastGroup(group, int.Parse(ttl));
        else if (step.Named("on") is string local) client.JoinMulticastGroup(group, IPAddress.Parse(local));
        else if (step.Named("interface") is string index) client.JoinMulticastGroup(int.Parse(index), group);
        else client.JoinMulticastGroup(group);
        return "ok";
    }

    static string Drop(Run run, Step step)
    {
        UdpClient client = Of(run, step);
        if (step.Named("interface") is string index) client.DropMulticastGroup(GroupOf(step), int.Parse(index));
        else client.DropMulticastGroup(GroupOf(step));
        return "ok";
    }

    static string Get(Run run, Step step)
    {
        UdpClient client = Of(run, step);
        object value = step[1].Text switch
        {
            "Active" => Active.GetValue(client),
            "DontFragment" => client.DontFragment,
            "EnableBroadcast" => client.EnableBroadcast,
            "ExclusiveAddressUse" => client.ExclusiveAddressUse,
            "MulticastLoopback" => client.MulticastLoopback,
            "Ttl" => client.Ttl,
            "Available" => client.Available,
            _ => throw new Broken(step, "unknown property: " + step[1].Text),
        };
        return "ok " + PropertySteps.Lower(value);
    }

    static string Set(Run run, Step step)
    {
        UdpClient client = Of(run, step);
        bool Flag() => Values.Bool(step, step[2]);
        switch (step[1].Text)
        {
            case "Active": Active.SetValue(client, Flag()); break;
            case "DontFragment": client.DontFragment = Flag(); break;
            case "EnableBroadcast": client.EnableBroadcast = Flag(); break;
            case "ExclusiveAddressUse": client.ExclusiveAddressUse = Flag(); break;
            case "MulticastLoopback": client.MulticastLoopback = Flag(); break;
            case "Ttl": client.Ttl = unchecked((short)Values.Int(run, step, step[2])); break;
            default: throw new Broken(step, "unknown property, or one that is only read: " + step[1].Text);
        }
        return "ok";
    }

    static string AllowNat(Run run, Step step)
    {
        UdpClient client = Of(run, step);
        bool allowed = Values.Bool(step, step[1]);
        // Marked as Windows only, which is what the step is about.
#pragma warning disable CA1416
        return Ok(() => client.AllowNatTraversal(allowed));
#pragma warning restore CA1416
    }
}
