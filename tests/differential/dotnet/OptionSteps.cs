// Steps that read and write options.
using System;
using System.Collections.Generic;
using System.Net.Sockets;

namespace Differential;

static class OptionSteps
{
    public static void Add(Dictionary<string, Func<Run, Step, string>> plain)
    {
        plain["get-option"] = GetOption;
        plain["set-option"] = SetOption;
        plain["get-option-bytes"] = GetOptionBytes;
        plain["set-option-bytes"] = SetOptionBytes;
        plain["get-raw-option"] = GetRawOption;
        plain["set-raw-option"] = SetRawOption;
        plain["multicast"] = Multicast;
        plain["multicast-ipv6"] = MulticastIPv6;
        plain["protection-level"] = ProtectionLevel;
    }

    static (Socket, SocketOptionLevel, SocketOptionName) Option(Run run, Step step) => (
        run.Socket(step, step[0]), Values.Name<SocketOptionLevel>(step, step[1]), Values.Name<SocketOptionName>(step, step[2]));

    static string GetOption(Run run, Step step)
    {
        (Socket socket, SocketOptionLevel level, SocketOptionName name) = Option(run, step);
        object value = socket.GetSocketOption(level, name);
        return value is LingerOption linger ? $"ok {(linger.Enabled ? "true" : "false")},{linger.LingerTime}" : $"ok {value}";
    }

    static string SetOption(Run run, Step step)
    {
        (Socket socket, SocketOptionLevel level, SocketOptionName name) = Option(run, step);
        socket.SetSocketOption(level, name, Values.Int(run, step, step[3]));
        return "ok";
    }

    static string GetOptionBytes(Run run, Step step)
    {
        (Socket socket, SocketOptionLevel level, SocketOptionName name) = Option(run, step);
        return "ok" + Output.Hex(socket.GetSocketOption(level, name, Values.Int(run, step, step[3])));
    }

    static string SetOptionBytes(Run run, Step step)
    {
        (Socket socket, SocketOptionLevel level, SocketOptionName name) = Option(run, step);
        socket.SetSocketOption(level, name, step[3].Is("null") ? null : Values.Hex(step[3]));
        return "ok";
    }

    static string GetRawOption(Run run, Step step)
    {
        byte[] data = new byte[Math.Min(64, Values.Int(run, step, step[3]))];
        int got = run.Socket(step, step[0]).GetRawSocketOption(Values.Int(run, step, step[1]), Values.Int(run, step, step[2]), data);
        return "ok" + Output.Hex(data.AsSpan(0, got));
    }

    static string SetRawOption(Run run, Step step)
    {
        run.Socket(step, step[0]).SetRawSocketOption(
            Values.Int(run, step, step[1]), Values.Int(run, step, step[2]), Values.Hex(step[3]));
        return "ok";
    }

    static string Multicast(Run run, Step step)
    {
        var option = new MulticastOption(Values.Address(step, step[2]));
        if (step[3].Text.Contains('.')) option.LocalAddress = Values.Address(step, step[3]);
        else option.InterfaceIndex = Values.Int(run, step, step[3]);
        run.Socket(step, step[0]).SetSocketOption(SocketOptionLevel.IP, Values.Name<SocketOptionName>(step, step[1]), option);
        return "ok";
    }

    static string MulticastIPv6(Run run, Step step)
    {
        var option = new IPv6MulticastOption(Values.Address(step, step[2]), Values.Number(run, step, step[3]));
        run.Socket(step, step[0]).SetSocketOption(SocketOptionLevel.IPv6, Values.Name<SocketOptionName>(step, step[1]), option);
        return "ok";
    }

    static string ProtectionLevel(Run run, Step step)
    {
        run.Socket(step, step[0]).SetIPProtectionLevel(Values.Name<IPProtectionLevel>(step, step[1]));
        return "ok";
    }
}
