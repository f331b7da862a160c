// Steps that read and write properties.
using System;
using System.Collections.Generic;
using System.Net.Sockets;

namespace Differential;

static class PropertySteps
{
    public static void Add(Dictionary<string, Func<Run, Step, string>> plain)
    {
        plain["get"] = Get;
        plain["set"] = Set;
        plain["state"] = State;
    }

    public static string Lower(object value) => value is bool flag ? (flag ? "true" : "false") : value.ToString();

    static string Protocol(ProtocolType protocol) => protocol == 0 ? "0" : protocol.ToString();

    public static string Linger(LingerOption linger) => $"{Lower(linger.Enabled)},{linger.LingerTime}";

    static string Get(Run run, Step step)
    {
        Socket socket = run.Socket(step, step[0]);
        string name = step[1].Text;
        if (name == "LocalEndPoint") return "ok" + Output.EndPoint(run, socket.LocalEndPoint);
        if (name == "RemoteEndPoint") return "ok" + Output.EndPoint(run, socket.RemoteEndPoint);
        object value = name switch
        {
            "Connected" => socket.Connected,
            "IsBound" => socket.IsBound,
            "Blocking" => socket.Blocking,
            "NoDelay" => socket.NoDelay,
            "DualMode" => socket.DualMode,
            "DontFragment" => socket.DontFragment,
            "EnableBroadcast" => socket.EnableBroadcast,
            "ExclusiveAddressUse" => socket.ExclusiveAddressUse,
            "MulticastLoopback" => socket.MulticastLoopback,
            "UseOnlyOverlappedIO" => socket.UseOnlyOverlappedIO,
            "ReceiveBufferSize" => socket.ReceiveBufferSize,
            "SendBufferSize" => socket.SendBufferSize,
            "ReceiveTimeout" => socket.ReceiveTimeout,
            "SendTimeout" => socket.SendTimeout,
            "Ttl" => socket.Ttl,
            "Available" => socket.Available,
            "AddressFamily" => socket.AddressFamily,
            "SocketType" => socket.SocketType,
            "ProtocolType" => Protocol(socket.ProtocolType),
            "Handle" => socket.SafeHandle.IsClosed ? "closed" : socket.Handle == -1 ? "closed" : "open",
            "LingerState" => Linger(socket.LingerState),
            _ => throw new Broken(step, "unknown property: " + name),
        };
        return "ok " + Lower(value);
    }

    public static LingerOption LingerOf(Word word)
    {
        if (word.Is("null")) return null;
        string[] parts = word.Text.Split(',');
        return new LingerOption(parts[0] == "true", int.Parse(parts[1]));
    }

    static string Set(Run run, Step step)
    {
        Socket socket = run.Socket(step, step[0]);
        bool Flag() => Values.Bool(step, step[2]);
        int Number() => Values.Int(run, step, step[2]);
        switch (step[1].Text)
        {
            case "Blocking": socket.Blocking = Flag(); break;
            case "NoDelay": socket.NoDelay = Flag(); break;
            case "DualMode": socket.DualMode = Flag(); break;
            case "DontFragment": socket.DontFragment = Flag(); break;
            case "EnableBroadcast": socket.EnableBroadcast = Flag(); break;
            case "ExclusiveAddressUse": socket.ExclusiveAddressUse = Flag(); break;
            case "MulticastLoopback": socket.MulticastLoopback = Flag(); break;
            case "UseOnlyOverlappedIO": socket.UseOnlyOverlappedIO = Flag(); break;
            case "ReceiveBufferSize": socket.ReceiveBufferSize = Number(); break;
            case "SendBufferSize": socket.SendBufferSize = Number(); break;
            case "ReceiveTimeout": socket.ReceiveTimeout = Number(); break;
            case "SendTimeout": socket.SendTimeout = Number(); break;
            case "Ttl": socket.Ttl = unchecked((short)Number()); break;
            case "LingerState": socket.LingerState = LingerOf(step[2]); break;
            default: throw new Broken(step, "unknown property: " + step[1].Text);
        }
        return "ok";
    }

    static string State(Run run, Step step)
    {
        Socket socket = run.Socket(step, step[0]);
        return "ok bound" + Output.Bool(socket.IsBound) + " connected" + Output.Bool(socket.Connected) +
            " blocking" + Output.Bool(socket.Blocking);
    }
}
